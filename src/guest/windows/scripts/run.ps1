# Runs a user's command: its outputs are those of this process, as bytes, and it has no stdin. A step before it that fails
# is told on stderr, with a secret word.
$step = 'cwd'
try {
    [IO.Directory]::CreateDirectory($request.folder) | Out-Null
    [IO.File]::WriteAllText("$($request.base).pid", "$PID")
    $cwd = Resolve-Folder $request.cwd
    [IO.Directory]::CreateDirectory($cwd) | Out-Null

    $step = 'script'
    [IO.File]::WriteAllBytes($request.file, [Convert]::FromBase64String($request.script))

    $step = 'shell'
    # Where the command would look.
    foreach ($variable in $request.env) {
        if ($variable.path) { [Environment]::SetEnvironmentVariable('Path', (ConvertFrom-Base64Text $variable.value)) }
    }
    $found = $null
    foreach ($program in $request.programs) {
        if (-not $found) {
            $name = [Environment]::ExpandEnvironmentVariables((ConvertFrom-Base64Text $program))
            $found = Get-Command -Name $name -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
        }
    }
    if (-not $found) { throw 'not found' }

    $info = [Diagnostics.ProcessStartInfo]::new()
    $info.FileName = $found.Path
    $info.Arguments = ConvertFrom-Base64Text $request.arguments
    $info.WorkingDirectory = $cwd
    $info.UseShellExecute = $false
    $info.RedirectStandardInput = $true
    foreach ($variable in $request.env) {
        $name = ConvertFrom-Base64Text $variable.name
        $info.EnvironmentVariables.Remove($name)
        $info.EnvironmentVariables.Add($name, (ConvertFrom-Base64Text $variable.value))
    }
    # Programs that ask the console how to print shall print UTF-8. Without a console there is nothing to ask.
    try {
        [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)
    } catch {
        # They print as the system does.
    }
    $process = [Diagnostics.Process]::Start($info)
    $process.StandardInput.Close()
    $process.WaitForExit()
    $process.ExitCode
} catch {
    Write-Text $stderr "$($_.Exception.Message)`n$($request.secret):$step`n"
    125
}
