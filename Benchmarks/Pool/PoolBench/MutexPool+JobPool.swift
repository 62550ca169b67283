import MutexPool

extension MutexPool: JobPool {
    static var label: String { "mutex" }

    func submit(_ task: some Runnable) {
        submit { task.run() }
    }
}
