# The picture that Hyper-V's manager shows of a VM: RGB565, two bytes a pixel.
. "$PSScriptRoot/common.ps1"

Invoke-Request {
    param($request)
    $id = [guid]$request.id
    $namespace = 'root/virtualization/v2'
    $computer = Get-CimInstance -Namespace $namespace -ClassName 'Msvm_ComputerSystem' -Filter "Name='$id'"
    $settings = Get-CimAssociatedInstance -InputObject $computer -Association 'Msvm_SettingsDefineState' -ResultClassName 'Msvm_VirtualSystemSettingData'
    $service = Get-CimInstance -Namespace $namespace -ClassName 'Msvm_VirtualSystemManagementService'
    $arguments = @{
        TargetSystem = $settings
        WidthPixels = [uint16]$request.width
        HeightPixels = [uint16]$request.height
    }
    $result = Invoke-CimMethod -InputObject $service -MethodName 'GetVirtualSystemThumbnailImage' -Arguments $arguments
    if ($result.ReturnValue -ne 0) { throw "VmtestNoPicture $($result.ReturnValue)" }
    [ordered]@{ pixels = [Convert]::ToBase64String($result.ImageData) }
}
