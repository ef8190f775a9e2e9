# Takes away the private folder.
Complete-Work {
    Remove-Item -LiteralPath $request.folder -Recurse -Force
    0
}
