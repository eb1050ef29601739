/// How joules become known in a run.
public final class EnergySession {
    public enum Mode: String, Sendable { case auto, measured, off }
}
