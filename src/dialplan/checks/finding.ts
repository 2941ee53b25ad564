/** Something in the plan that can be as it is, and that its admin would hardly want. */
export interface Finding {
  /**
   * `error`: calls will fail; `warning`: something does not do what it says; `note`: it may be meant so.
   */
  readonly severity: 'error' | 'warning' | 'note'
  /** As in `route out`. */
  readonly about: string
  /** One plain sentence. */
  readonly message: string
}
