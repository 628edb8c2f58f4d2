/** A command that a scenario cannot mean: the file is wrong, not the protocol. */
export class ScenarioError extends Error {
  override name = 'ScenarioError'
}
