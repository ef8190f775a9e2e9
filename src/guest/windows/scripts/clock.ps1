# Sets the clock, unless it is right to a second already. 3: Windows refused, which is for want of the right to.
Complete-Work {
    $now = [DateTimeOffset]::FromUnixTimeMilliseconds($request.time)
    $off = [Math]::Abs($now.Subtract([DateTimeOffset]::UtcNow).TotalSeconds)
    if ($off -gt 1) {
        try {
            Set-Date -Date $now.LocalDateTime | Out-Null
            0
        } catch {
            3
        }
    } else {
        0
    }
}
