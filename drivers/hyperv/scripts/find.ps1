# All VMs by name and id, and everything about those that a text may mean. Names are not unique, and `-Name` would take
# the text for a pattern.
. "$PSScriptRoot/common.ps1"
. "$PSScriptRoot/rights.ps1"

function Get-Snapshots($vm) {
    Hyper-V\Get-VMSnapshot -VM $vm | ForEach-Object {
        [ordered]@{
            id = "$($_.Id)"
            name = $_.Name
            parent = "$($_.ParentSnapshotId)"
            type = "$($_.SnapshotType)"
            state = "$($_.State)"
        }
    }
}

function Get-Details($vm) {
    $tpm = $false
    if ($vm.Generation -eq 2) { $tpm = (Hyper-V\Get-VMSecurity -VM $vm).TpmEnabled }
    [ordered]@{
        id = "$($vm.Id)"
        name = $vm.Name
        state = "$($vm.State)"
        operation = "$($vm.PrimaryOperationalStatus)"
        memory = $vm.MemoryStartup
        cpus = $vm.ProcessorCount
        tpm = $tpm
        adapters = @(Hyper-V\Get-VMNetworkAdapter -VM $vm).Count
        snapshots = @(Get-Snapshots $vm)
    }
}

Invoke-Request {
    param($request)
    $wanted = ConvertFrom-Base64Text $request.vm
    $all = @(Hyper-V\Get-VM)
    $found = @($all | Where-Object { ($_.Name -eq $wanted) -or ("$($_.Id)" -eq $wanted) })
    [ordered]@{
        rights = Test-Rights
        all = @($all | ForEach-Object { [ordered]@{ id = "$($_.Id)"; name = $_.Name } })
        found = @($found | ForEach-Object { Get-Details $_ })
    }
}
