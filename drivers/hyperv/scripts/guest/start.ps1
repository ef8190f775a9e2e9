# Starts a program that outlives this session. WMI starts it, since what a session starts ends with it.
param($text)
$ErrorActionPreference = 'Stop'
$job = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text)) | ConvertFrom-Json
$handle = "$([guid]::NewGuid())"
$folder = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath "vmtest-$handle"
New-Item -ItemType Directory -Path $folder | Out-Null
[IO.File]::WriteAllText("$folder\job", $text)
[IO.File]::WriteAllText("$folder\run.ps1", $job.runner)
$line = "powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$folder\run.ps1`""
$started = Invoke-CimMethod -ClassName 'Win32_Process' -MethodName 'Create' -Arguments @{ CommandLine = $line }
if ($started.ReturnValue -ne 0) { throw "VmtestNotStarted $($started.ReturnValue)" }
$handle
