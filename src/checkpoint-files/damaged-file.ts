/** What a file holds is not what was written into it. `message` names the file. */
export class DamagedFileError extends Error {
  override name = 'DamagedFileError'

  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`)
  }
}

/** Another version of Paritas has written the file. `message` names the file and says what to do. */
export class OtherFormatError extends Error {
  override name = 'OtherFormatError'
}
