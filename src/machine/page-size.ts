/** Of all protected memories of a machine, and so of parity, deltas and files. */
export const pageSizeBytes = 4096
