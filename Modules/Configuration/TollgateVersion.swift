/// What this Tollgate is called.
public enum TollgateVersion {
    public static let text = "0.1.0"
}
