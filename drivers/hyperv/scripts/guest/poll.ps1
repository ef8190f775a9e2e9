# How a job ended, with its outputs; it is forgotten then. A job of nobody has failed.
param($text)
$ErrorActionPreference = 'Stop'

function Read-Output($file) {
    if (Test-Path -LiteralPath $file) { [Convert]::ToBase64String([IO.File]::ReadAllBytes($file)) }
}

$folder = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath "vmtest-$([guid]$text)"
$answer = [ordered]@{ end = $null; stdout = ''; stderr = '' }
if (-not (Test-Path -LiteralPath $folder)) {
    $answer.end = 'failed there is no such job'
} elseif (Test-Path -LiteralPath "$folder\end") {
    $answer.end = [IO.File]::ReadAllText("$folder\end")
    $answer.stdout = "$(Read-Output "$folder\stdout")"
    $answer.stderr = "$(Read-Output "$folder\stderr")"
    Remove-Item -LiteralPath $folder -Recurse -Force
}
ConvertTo-Json -InputObject $answer -Compress
