/** The ledger cannot be used: another exporter holds it, or it was made by a later version. */
export class LedgerError extends Error {}
