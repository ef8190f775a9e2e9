# Enums are cast to text: as JSON they would be numbers.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $vm = Get-OneVM $request.id
    [ordered]@{ state = "$($vm.State)"; operation = "$($vm.PrimaryOperationalStatus)" }
}
