# Ends a command with everything that it has started. It may still be on its way to writing its number. Ends with 3 when it is
# over, or has never begun.
Complete-Work {
    $file = "$($request.base).pid"
    $naps = 0
    while (-not (Test-Path -LiteralPath $file) -and ($naps -lt 5)) {
        Start-Sleep -Milliseconds 100
        $naps += 1
    }
    $answer = 3
    if (Test-Path -LiteralPath $file) {
        $info = [Diagnostics.ProcessStartInfo]::new()
        $info.FileName = "$([Environment]::SystemDirectory)\taskkill.exe"
        $info.Arguments = "/T /F /PID $([IO.File]::ReadAllText($file))"
        $info.UseShellExecute = $false
        $info.RedirectStandardOutput = $true
        $info.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($info)
        $copies = @($process.StandardOutput.BaseStream.CopyToAsync([IO.Stream]::Null), $process.StandardError.BaseStream.CopyToAsync([IO.Stream]::Null))
        $process.WaitForExit()
        foreach ($copy in $copies) { $copy.Wait() }
        # 128: there is no such process.
        if ($process.ExitCode -ne 128) { $answer = 0 }
    }
    $answer
}
