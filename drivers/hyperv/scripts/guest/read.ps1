# A part of a file, in base64; less than was asked for only at its end.
param($text)
$ErrorActionPreference = 'Stop'
$request = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text)) | ConvertFrom-Json
$file = [IO.File]::Open($request.path, 'Open', 'Read', 'ReadWrite')
try {
    $file.Seek($request.offset, 'Begin') | Out-Null
    $reader = [IO.BinaryReader]::new($file)
    $bytes = $reader.ReadBytes($request.length)
} catch {
    $file.Close()
    throw $_
}
$file.Close()
[Convert]::ToBase64String($bytes)
