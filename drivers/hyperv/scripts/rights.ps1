# Hyper-V lists no VMs, without an error, to somebody who may not see them. Names of groups are localised, ids are not.
function Test-Rights {
    $me = [Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = [Security.Principal.WindowsPrincipal]::new($me)
    $hyperVAdministrators = [Security.Principal.SecurityIdentifier]::new('S-1-5-32-578')
    $administrators = [Security.Principal.SecurityIdentifier]::new('S-1-5-32-544')
    $principal.IsInRole($hyperVAdministrators) -or $principal.IsInRole($administrators)
}
