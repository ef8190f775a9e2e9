# Nothing runs and nothing is saved afterwards, and the next command may follow.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $vm = Get-OneVM $request.id
    $state = "$($vm.State)"
    if (($state -eq 'Saved') -or ($state -eq 'FastSaved')) {
        Hyper-V\Remove-VMSavedState -VM $vm -Confirm:$false
    } elseif ($state -ne 'Off') {
        Hyper-V\Stop-VM -VM $vm -TurnOff -Force -Confirm:$false
    }
    $vm = Wait-Settled $request.id
    [ordered]@{ state = "$($vm.State)" }
}
