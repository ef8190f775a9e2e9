# Runs a job in a process of its own: its outputs go to files, and the last file that appears is how it ended.
$ErrorActionPreference = 'Stop'

function Save-End($text) {
    [IO.File]::WriteAllText("$PSScriptRoot\end.part", $text)
    [IO.File]::Move("$PSScriptRoot\end.part", "$PSScriptRoot\end")
}

try {
    $text = [IO.File]::ReadAllText("$PSScriptRoot\job")
    $job = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text)) | ConvertFrom-Json
    $info = [Diagnostics.ProcessStartInfo]::new()
    $info.FileName = $job.program
    $info.Arguments = $job.arguments
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $true
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($info)
    $stdout = [IO.Stream]::Null
    $stderr = [IO.Stream]::Null
    if ($job.capture) {
        $stdout = [IO.File]::Create("$PSScriptRoot\stdout")
        $stderr = [IO.File]::Create("$PSScriptRoot\stderr")
    }
    $copies = @($process.StandardOutput.BaseStream.CopyToAsync($stdout), $process.StandardError.BaseStream.CopyToAsync($stderr))
    $bytes = [Convert]::FromBase64String($job.stdin)
    # Many programs end without having read all of it.
    try {
        $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
        $process.StandardInput.Close()
    } catch {
        $unread = $bytes.Length
    }
    $process.WaitForExit()
    foreach ($copy in $copies) { $copy.Wait() }
    $stdout.Close()
    $stderr.Close()
    Save-End "$($process.ExitCode)"
} catch {
    Save-End "failed $($_.Exception.Message)"
}
