# Makes a tree of what comes on stdin (tree-frames.ts). Links come last and become absolute: Windows PowerShell makes none to what is
# not there, and takes a relative target from its own folder.
Complete-Work {
    $root = Resolve-Folder $request.folder
    [IO.Directory]::CreateDirectory($root) | Out-Null
    $reader = [IO.BinaryReader]::new($stdin)
    $kind = $reader.ReadString()
    while ($kind -ne 'end') {
        $path = [IO.Path]::Combine($root, $reader.ReadString())
        if ($kind -eq 'folder') {
            [IO.Directory]::CreateDirectory($path) | Out-Null
        } elseif ($kind -eq 'link') {
            $target = [IO.Path]::GetFullPath([IO.Path]::Combine([IO.Path]::GetDirectoryName($path), $reader.ReadString()))
            if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Force }
            New-Item -ItemType SymbolicLink -Path $path -Value $target | Out-Null
        } else {
            $seconds = $reader.ReadInt64()
            $size = $reader.ReadInt64()
            [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path)) | Out-Null
            $file = [IO.File]::Create($path)
            try {
                Copy-Bytes $reader $file $size
            } catch {
                $file.Close()
                throw $_
            }
            $file.Close()
            [IO.File]::SetLastWriteTimeUtc($path, [DateTimeOffset]::FromUnixTimeSeconds($seconds).UtcDateTime)
        }
        $kind = $reader.ReadString()
    }
    0
}
