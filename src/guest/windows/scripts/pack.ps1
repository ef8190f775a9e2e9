# Prints the files whose names come on stdin: for each its place in the list, its size and its bytes (tree-frames.ts). One that
# is missing is left out. One that shrinks meanwhile breaks the stream off, since its size has been told.
Complete-Work {
    $root = Resolve-Folder $request.folder
    $reader = [IO.BinaryReader]::new($stdin)
    $at = 0
    while ($at -lt $request.files) {
        $name = $reader.ReadString()
        $file = $null
        try {
            $path = [IO.Path]::Combine($root, $name)
            if ([IO.File]::Exists($path)) { $file = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite') }
        } catch {
            Write-Text $stderr "$($_.Exception.Message)`n"
        }
        if ($file) {
            $size = $file.Length
            Write-Text $stdout "$at $size`n"
            Copy-Bytes ([IO.BinaryReader]::new($file)) $stdout $size
            $file.Close()
        }
        $at += 1
    }
    Write-Text $stdout "end`n"
    0
}
