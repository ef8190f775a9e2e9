# Stop-VM would wait for the guest, and end it by force after five minutes. This asks and comes back at once.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $id = [guid]$request.id
    $service = Get-CimInstance -Namespace 'root/virtualization/v2' -ClassName 'Msvm_ShutdownComponent' -Filter "SystemName='$id'"
    if ($null -eq $service) { throw 'VmtestNoShutdownService' }
    $arguments = @{ Force = $true; Reason = 'vmtest' }
    $result = Invoke-CimMethod -InputObject $service -MethodName 'InitiateShutdown' -Arguments $arguments
    if ($result.ReturnValue -ne 0) { throw "VmtestShutdownRefused $($result.ReturnValue)" }
    [ordered]@{ asked = $true }
}
