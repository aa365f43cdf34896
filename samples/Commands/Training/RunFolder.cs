using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>Where a run's files are.</summary>
internal static class RunFolder
{
    private const string CheckpointFolder = "checkpoints";

    public static string Checkpoints(string folder) => Path.Combine(folder, CheckpointFolder);

    /// <summary>The run's folder that a checkpoint lies in; null: the file was put elsewhere.</summary>
    public static string? RunOf(string checkpoint)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint));
        return Path.GetFileName(folder) == CheckpointFolder ? Path.GetDirectoryName(folder) : null;
    }

    public static string Configuration(string folder) => Path.Combine(folder, "config.json");

    public static string Metrics(string folder) => Path.Combine(folder, "metrics.jsonl");

    public static string Summary(string folder) => Path.Combine(folder, "summary.json");

    /// <summary>The checkpoint that a file or a run's folder stands for.</summary>
    /// <param name="path">A file, a run's folder, or its folder of checkpoints.</param>
    /// <param name="flag">What a message begins with.</param>
    /// <param name="best">True: of a folder the best, where one was validated; else the newest.</param>
    /// <exception cref="GraphException">There is none.</exception>
    public static string Checkpoint(string path, string flag, bool best)
    {
        if (File.Exists(path))
        {
            return path;
        }

        if (!Directory.Exists(path))
        {
            throw new GraphException($"{flag} {path}: there is no such file or folder.");
        }

        var store = new CheckpointStore(Store(path));
        return (best ? store.Best : null) ?? store.Paths.FirstOrDefault(IsIntact)
            ?? throw new GraphException($"{flag} {path}: the folder holds no intact checkpoint, expected files step-*.safetensors.");
    }

    /// <summary>The folder of checkpoints that a folder is or has.</summary>
    public static string Store(string path) => Directory.Exists(Checkpoints(path)) ? Checkpoints(path) : path;

    /// <summary>True: a new run there would overwrite another's.</summary>
    public static bool IsTaken(string folder) => Directory.Exists(Checkpoints(folder)) && Directory.EnumerateFiles(Checkpoints(folder), "step-*.safetensors").Any();

    private static bool IsIntact(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            file.VerifyChecksum();
            return true;
        }
        catch (GraphException)
        {
            // A write that was cut off; the checkpoint before it serves.
            return false;
        }
    }
}
