# What every script begins with. The request is one JSON object on stdin, in ASCII; the answer is JSON between marker
# lines on stdout, where modules, policies and profiles may print as well. For Windows PowerShell 5.1 and PowerShell 7.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
# Warnings are printed on stdout.
$WarningPreference = 'SilentlyContinue'

# Past the console, whose code page is the system's own.
function Write-Marked($kind, $value) {
    $json = ConvertTo-Json -InputObject $value -Depth 6 -Compress
    $bytes = [Text.Encoding]::UTF8.GetBytes("`n===Begin-$kind===`n$json`n===End-$kind===`n")
    $stdout = [Console]::OpenStandardOutput()
    $stdout.Write($bytes, 0, $bytes.Length)
    $stdout.Flush()
}

# The work gets the request and gives back one hashtable: lists of one item would be unrolled on their way out of it.
function Invoke-Request($work) {
    try {
        $request = [Console]::In.ReadToEnd() | ConvertFrom-Json
        $answer = & $work $request
        Write-Marked 'Output' $answer
    } catch {
        Write-Marked 'Error' ([ordered]@{
            message = $_.Exception.Message
            id = $_.FullyQualifiedErrorId
            type = $_.Exception.GetType().FullName
            category = "$($_.CategoryInfo.Category)"
            where = $_.ScriptStackTrace
        })
        exit 1
    }
}

# People's texts travel as base64: PowerShell 7 takes a JSON string that looks like a date for one.
function ConvertFrom-Base64Text($text) {
    [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))
}

function Get-OneVM($id) {
    Hyper-V\Get-VM -Id $id
}

# Cmdlets may come back while the service still merges disks or applies a checkpoint. The caller has a deadline.
function Wait-Settled($id) {
    $vm = Get-OneVM $id
    while ("$($vm.PrimaryOperationalStatus)" -eq 'InService') {
        Start-Sleep -Milliseconds 300
        $vm = Get-OneVM $id
    }
    $vm
}
