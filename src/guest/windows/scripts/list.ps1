# Paths of the regular files below a folder, each ended by NUL. Links are not followed; a folder that is missing has none.
function Write-Names($folder, $prefix) {
    foreach ($item in @(Get-ChildItem -LiteralPath $folder -Force -ErrorAction SilentlyContinue)) {
        if ($item.PSIsContainer) {
            if (-not $item.LinkType) { Write-Names $item.FullName "$prefix$($item.Name)/" }
        } elseif ($item.LinkType -ne 'SymbolicLink') {
            Write-Text $stdout "$prefix$($item.Name)`0"
        }
    }
}

Complete-Work {
    $root = Resolve-Folder $request.folder
    if (Test-Path -LiteralPath $root -PathType Container) { Write-Names $root '' }
    0
}
