# What there is of Hyper-V on this host. Loads nothing, so that it is quick.
. "$PSScriptRoot/common.ps1"
. "$PSScriptRoot/rights.ps1"

Invoke-Request {
    param($request)
    $module = @(Get-Module -ListAvailable -Name 'Hyper-V')
    $service = @(Get-Service -Name 'vmms' -ErrorAction SilentlyContinue)
    $answer = [ordered]@{ shell = "$($PSVersionTable.PSVersion)"; module = $null; service = $null; rights = $false }
    if ($module.Count -gt 0) { $answer.module = "$($module[0].Version)" }
    if ($service.Count -gt 0) {
        $answer.service = "$($service[0].Status)"
        $answer.rights = Test-Rights
    }
    $answer
}
