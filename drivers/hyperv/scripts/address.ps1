# What the guest's key-value service (hv_kvp_daemon on Linux) has told: empty for some time after the boot.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $vm = Get-OneVM $request.id
    $adapters = @(Hyper-V\Get-VMNetworkAdapter -VM $vm)
    [ordered]@{ addresses = @($adapters | ForEach-Object { $_.IPAddresses }) }
}
