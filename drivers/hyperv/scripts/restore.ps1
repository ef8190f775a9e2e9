. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $snapshot = Hyper-V\Get-VMSnapshot -Id $request.snapshot
    Hyper-V\Restore-VMSnapshot -VMSnapshot $snapshot -Confirm:$false
    $vm = Wait-Settled $request.id
    [ordered]@{ state = "$($vm.State)" }
}
