# Every start of a VM is a process of its own.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $id = [guid]$request.id
    $computer = Get-CimInstance -Namespace 'root/virtualization/v2' -ClassName 'Msvm_ComputerSystem' -Filter "Name='$id'"
    [ordered]@{ process = $computer.ProcessID }
}
