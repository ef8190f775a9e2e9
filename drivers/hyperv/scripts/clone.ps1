# Hyper-V has no clones. This makes a new VM with the settings of a checkpoint, on differencing disks above the
# checkpoint's own: those are not written to any more, since the VM itself goes on in newer ones.
. "$PSScriptRoot/common.ps1"

function Add-Disk($clone, $drive, $path) {
    Hyper-V\New-VHD -Path $path -ParentPath $drive.Path -Differencing | Out-Null
    $place = @{
        ControllerType = $drive.ControllerType
        ControllerNumber = $drive.ControllerNumber
        ControllerLocation = $drive.ControllerLocation
    }
    Hyper-V\Add-VMHardDiskDrive -VM $clone -Path $path @place -Passthru
}

function Copy-Adapters($clone, $snapshot) {
    Hyper-V\Remove-VMNetworkAdapter -VM $clone
    foreach ($adapter in @(Hyper-V\Get-VMNetworkAdapter -VMSnapshot $snapshot)) {
        $plug = @{}
        if ($adapter.SwitchName) { $plug.SwitchName = $adapter.SwitchName }
        Hyper-V\Add-VMNetworkAdapter -VM $clone -Name $adapter.Name @plug
    }
}

# A template can be named only while secure boot is on.
function Copy-Firmware($clone, $snapshot, $disks) {
    $firmware = Hyper-V\Get-VMFirmware -VMSnapshot $snapshot
    $settings = @{ EnableSecureBoot = $firmware.SecureBoot }
    if ("$($firmware.SecureBoot)" -eq 'On') { $settings.SecureBootTemplate = $firmware.SecureBootTemplate }
    Hyper-V\Set-VMFirmware -VM $clone -FirstBootDevice $disks[0] @settings
}

Invoke-Request {
    param($request)
    $folder = ConvertFrom-Base64Text $request.folder
    $generation = (Get-OneVM $request.id).Generation
    $snapshot = Hyper-V\Get-VMSnapshot -Id $request.snapshot
    $clone = Hyper-V\New-VM -Name $request.name -Generation $generation -MemoryStartupBytes $snapshot.MemoryStartup -NoVHD -Path $folder
    Hyper-V\Set-VM -VM $clone -ProcessorCount $snapshot.ProcessorCount -StaticMemory -CheckpointType Disabled -AutomaticStartAction Nothing -AutomaticStopAction TurnOff
    $disks = @()
    foreach ($drive in @(Hyper-V\Get-VMHardDiskDrive -VMSnapshot $snapshot)) {
        $extension = [IO.Path]::GetExtension($drive.Path).Replace('avhd', 'vhd')
        $path = Join-Path -Path $folder -ChildPath "disk$($disks.Count)$extension"
        $disks += Add-Disk $clone $drive $path
    }
    Copy-Adapters $clone $snapshot
    if ($generation -eq 2) { Copy-Firmware $clone $snapshot $disks }
    [ordered]@{ id = "$($clone.Id)" }
}
