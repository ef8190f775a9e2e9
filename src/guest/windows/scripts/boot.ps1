# Takes a script of `$length` bytes from stdin, and no byte more, and becomes it. Half a script, of a connection that broke, is
# not run. The four variables are set by a line in front (boot.ts).
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$stdin = [Console]::OpenStandardInput()
$stdout = [Console]::OpenStandardOutput()
$stderr = [Console]::OpenStandardError()
if ($file) { $stdin = [IO.File]::OpenRead($file) }
$bytes = [IO.BinaryReader]::new($stdin).ReadBytes($length)
if ($bytes.Length -ne $length) { exit 1 }
$mark = [Text.Encoding]::ASCII.GetBytes($begin)
$stdout.Write($mark, 0, $mark.Length)
$stdout.Flush()
$code = & ([scriptblock]::Create([Text.Encoding]::UTF8.GetString($bytes)))
if ($end) {
    # Codes such as that of an access violation are negative here, and 32 bits without a sign everywhere else.
    $told = $code
    if ($told -lt 0) { $told += 4294967296 }
    $mark = [Text.Encoding]::ASCII.GetBytes("$end$told;")
    foreach ($stream in @($stdout, $stderr)) {
        $stream.Write($mark, 0, $mark.Length)
        $stream.Flush()
    }
}
exit $code
