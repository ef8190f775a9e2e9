# PowerShell Direct: runs one of the scripts in guest/ inside a Windows guest, over the VM bus. It gets one text, and
# gives one back.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $user = ConvertFrom-Base64Text $request.user
    $password = ConvertTo-SecureString -String (ConvertFrom-Base64Text $request.password) -AsPlainText -Force
    $credential = [Management.Automation.PSCredential]::new($user, $password)
    $script = [IO.File]::ReadAllText("$PSScriptRoot/guest/$($request.operation).ps1")
    $block = [scriptblock]::Create($script)
    $session = New-PSSession -VMId ([guid]$request.id) -Credential $credential
    $said = @(Invoke-Command -Session $session -ScriptBlock $block -ArgumentList $request.argument)
    Remove-PSSession -Session $session
    [ordered]@{ text = "$($said[0])" }
}
