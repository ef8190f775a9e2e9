. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $vm = Get-OneVM $request.id
    Hyper-V\Start-VM -VM $vm
    [ordered]@{ started = $true }
}
