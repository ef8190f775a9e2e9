# Writes a file, or adds to it.
param($text)
$ErrorActionPreference = 'Stop'
$request = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text)) | ConvertFrom-Json
$mode = 'Create'
if ($request.append) { $mode = 'Append' }
$bytes = [Convert]::FromBase64String($request.data)
$file = [IO.File]::Open($request.path, $mode, 'Write')
try {
    $file.Write($bytes, 0, $bytes.Length)
} catch {
    $file.Close()
    throw $_
}
$file.Close()
'written'
