/** The environment of stand-ins. */

/** The folder in which stand-ins keep their state. */
export const STATE_VARIABLE = 'VMTEST_STANDIN_STATE';
/** The folder of the tiny guest. */
export const GUEST_VARIABLE = 'VMTEST_STANDIN_GUEST';
/** The process that a command's caller sees, while another does its work. */
export const CLIENT_VARIABLE = 'VMTEST_STANDIN_CLIENT';
/** Comma-separated names of the vendor's unkindnesses that are switched on; which there are, each stand-in says. */
export const FAULTS_VARIABLE = 'VMTEST_STANDIN_FAULTS';
