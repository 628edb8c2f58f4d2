import type { ConductorRecord } from '../../../protocol/index.ts'
import { recordName, type Store } from '../../../store/index.ts'
import { runName } from '../../conductor/conductor-driver.ts'

/** What the record of the run says now. */
export class RecordReader {
  record: ConductorRecord | null = null

  constructor(store: Store) {
    store.watch(recordName(runName), ({ value }) => {
      this.record = value as ConductorRecord | null
    })
  }
}
