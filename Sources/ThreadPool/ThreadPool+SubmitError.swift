extension ThreadPool {
    /// Why a pool did not take a job.
    public enum SubmitError: Error {
        /// As many jobs wait as the configuration allows. Trying again later may succeed; waiting is the caller's
        /// choice, never the pool's.
        case full
        /// `shutdown` was called.
        case shutDown
    }
}
