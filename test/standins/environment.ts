/** The environment of stand-ins. */

/** The folder in which stand-ins keep their state. */
export const STATE_VARIABLE = 'VMTEST_STANDIN_STATE';
/** The folder of the tiny guest. */
export const GUEST_VARIABLE = 'VMTEST_STANDIN_GUEST';
/** Comma-separated names of the vendor's unkindnesses that are switched on; which there are, each stand-in says. */
export const FAULTS_VARIABLE = 'VMTEST_STANDIN_FAULTS';
