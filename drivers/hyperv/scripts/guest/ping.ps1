# Runs in the guest, in Windows PowerShell 5.1 or later, as the others in this folder.
param($text)
'pong'
