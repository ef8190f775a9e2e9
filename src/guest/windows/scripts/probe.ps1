# The first script in a guest. Makes the private folder, in the first place whose path needs no quotes anywhere, and says
# who runs it. Then it gives back the bytes that came in, to show that nothing on the way changes them.
function Write-Fact($name, $value) {
    Write-Text $stdout "$($request.token) $name=$value`n"
}

Complete-Work {
    $folder = ''
    foreach ($place in @([IO.Path]::GetTempPath(), "$([Environment]::GetFolderPath('Windows'))\Temp", [Environment]::GetFolderPath('CommonApplicationData'))) {
        if (($folder -eq '') -and ($place -match '^[A-Za-z]:\\[A-Za-z0-9_.~\\-]*$')) {
            $wanted = [IO.Path]::Combine($place, ".vmtest-$($request.token)")
            try {
                [IO.Directory]::CreateDirectory($wanted) | Out-Null
                [IO.File]::WriteAllText("$wanted\probe", 'probe')
                $folder = $wanted
            } catch {
                # The next place, then.
            }
        }
        Write-Fact 'tried' $place
    }
    $user = [Security.Principal.WindowsIdentity]::GetCurrent()
    Write-Fact 'folder' $folder
    Write-Fact 'user' $user.Name
    Write-Fact 'system' $user.IsSystem
    Write-Fact 'end' '1'
    $bytes = [IO.BinaryReader]::new($stdin).ReadBytes(256)
    $stdout.Write($bytes, 0, $bytes.Length)
    $stdout.Flush()
    0
}
