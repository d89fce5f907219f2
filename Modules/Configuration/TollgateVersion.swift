/// What this Tollgate is called.
public enum TollgateVersion {
    /// Semantic version, for `tollgate --version` and the admin API's description.
    public static let text = "0.1.0"
}
