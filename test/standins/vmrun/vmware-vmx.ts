/** `vmware-vmx -v`: tells the product's version, on stderr. */
if (process.argv.slice(2).join(' ') === '-v')
  process.stderr.write('\nVMware Workstation 17.6.3 build-24583834 Release\n');
else process.exitCode = 1;
