# Remove-VM leaves the disks behind; those of a clone are its own.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $clones = @(Hyper-V\Get-VM | Where-Object { $_.Name -eq $request.name })
    foreach ($clone in $clones) {
        $disks = @(Hyper-V\Get-VMHardDiskDrive -VM $clone | ForEach-Object { $_.Path })
        Hyper-V\Remove-VM -VM $clone -Force -Confirm:$false
        foreach ($disk in $disks) {
            if (Test-Path -LiteralPath $disk) { Remove-Item -LiteralPath $disk -Force }
        }
    }
    [ordered]@{ removed = $clones.Count }
}
