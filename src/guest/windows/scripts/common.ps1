# What every script of this folder begins with. For Windows PowerShell 5.1 and PowerShell 7. `$stdin`, `$stdout` and `$stderr`
# are streams of bytes, made by the boot (boot.ts); what a script gives back is its exit code, so nothing else may slip out of it.
# Texts of `$request` are base64 of UTF-8.

function ConvertFrom-Base64Text($text) {
    [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))
}

function Write-Text($stream, $text) {
    $bytes = [Text.Encoding]::UTF8.GetBytes($text)
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush()
}

# Folders are relative to the user's profile.
function Resolve-Folder($text) {
    $folder = [IO.Path]::Combine([Environment]::GetFolderPath('UserProfile'), (ConvertFrom-Base64Text $text))
    [IO.Path]::GetFullPath($folder)
}

function Copy-Bytes($reader, $to, $count) {
    $left = $count
    while ($left -gt 0) {
        $bytes = $reader.ReadBytes([Math]::Min($left, 1048576))
        if ($bytes.Length -eq 0) { throw 'the input ends too early' }
        $to.Write($bytes, 0, $bytes.Length)
        $left -= $bytes.Length
    }
}

function Complete-Work($work) {
    try {
        & $work
    } catch {
        Write-Text $stderr "$($_.Exception.Message)`n"
        1
    }
}
