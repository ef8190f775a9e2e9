/** The head of vmrun's help text; that of each command is as the vendor's help names its parameters. */
export const USAGE = `
vmrun version 1.17.0 build-24995812

Usage: vmrun [AUTHENTICATION-FLAGS] COMMAND [PARAMETERS]



AUTHENTICATION-FLAGS
--------------------
These must appear before the command and any command parameters.

   -T <hostType> (ws|fusion||player)
   -vp <password for encrypted virtual machine>
   -gu <userName in guest OS>
   -gp <password in guest OS>

`;
