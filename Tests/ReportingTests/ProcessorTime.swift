import Glibc

/// Time that a processor spent, so that what else the machine does is not counted.
enum ProcessorTime {
    /// Of the calling thread, in seconds.
    static var ofThread: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
