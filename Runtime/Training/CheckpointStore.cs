using System.Globalization;

namespace Graph.Training;

/// <summary>
/// The checkpoints of one run, <c>step-000000001200.safetensors</c> and so on in a folder: the newest few and the best by validation value
/// are kept. There is no index: each file says what it is, so that no accident can leave the folder at odds with itself.
/// </summary>
public sealed class CheckpointStore
{
    private const string Prefix = "step-";
    private const string Suffix = ".safetensors";

    private readonly int _keep;

    /// <param name="folder">Created where missing.</param>
    /// <param name="keep">Newest checkpoints that are kept; the best one is kept besides.</param>
    /// <exception cref="GraphException">The folder cannot be made, or <paramref name="keep"/> is below 1.</exception>
    public CheckpointStore(string folder, int keep = 3)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Require.Range("number of checkpoints to keep", keep, 1, int.MaxValue);
        Folder = folder;
        _keep = keep;
        Guard(() => Directory.CreateDirectory(folder));
    }

    public string Folder { get; }

    /// <summary>All checkpoints, the newest first, damaged ones included.</summary>
    public IReadOnlyList<string> Paths
    {
        get
        {
            string[] paths = [];
            Guard(() => paths = Directory.GetFiles(Folder, Prefix + "*" + Suffix));
            return [.. paths.OrderByDescending(path => path, StringComparer.Ordinal)];
        }
    }

    /// <summary>The intact checkpoint with the largest validation value (the earliest of equals); null: none was validated.</summary>
    public string? Best
    {
        get
        {
            string? best = null;
            double value = double.NegativeInfinity;
            foreach (string path in Paths)
            {
                if (ValidationOf(path) is { } found && found >= value)
                {
                    (best, value) = (path, found);
                }
            }

            return best;
        }
    }

    /// <summary>
    /// Saves the run under its step, then removes what need not be kept. Checkpoints of later steps go too: they are of a branch that was
    /// given up when the run went back to an earlier file.
    /// </summary>
    /// <returns>The new file.</returns>
    /// <exception cref="GraphException">The file cannot be written.</exception>
    public string Save(Trainer trainer, RunState? state = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        string path = Path.Combine(Folder, Prefix + trainer.StepCount.ToString("D12", CultureInfo.InvariantCulture) + Suffix);
        Checkpoint.Save(trainer, path, state);
        Prune(path);
        return path;
    }

    /// <summary>Goes on from the newest intact checkpoint; damaged ones are passed over and named in the result's notices.</summary>
    /// <returns>Null: the folder holds no checkpoint.</returns>
    /// <exception cref="GraphException">No checkpoint is intact, or the newest intact one does not fit the trainer.</exception>
    public ResumedRun? Resume(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        var damaged = new List<string>();
        foreach (string path in Paths)
        {
            SafetensorsFile file;
            try
            {
                file = OpenIntact(path);
            }
            catch (GraphException e)
            {
                damaged.Add(e.Message);
                continue;
            }

            using (file)
            {
                // Damage is an accident and has a remedy; a file that does not fit is the user's mistake and is not passed over.
                ResumedRun run = Checkpoint.Resume(trainer, file);
                return run with { Notices = [.. damaged.Select(message => $"{message} The checkpoint before it is used."), .. run.Notices] };
            }
        }

        return damaged.Count == 0 ? null : throw new GraphException($"{Folder} holds no intact checkpoint: {string.Join(" ", damaged)}");
    }

    private static SafetensorsFile OpenIntact(string path)
    {
        var file = SafetensorsFile.Open(path);
        try
        {
            file.VerifyChecksum();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static double? ValidationOf(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            return Checkpoint.Validation(file);
        }
        catch (GraphException)
        {
            // A damaged file is nobody's best; whoever resumes from it is told.
            return null;
        }
    }

    /// <summary>Removes old checkpoints and what writers that were killed left behind.</summary>
    private void Prune(string newest)
    {
        string[] later = [.. Paths.TakeWhile(path => path != newest)];
        Guard(() => Array.ForEach(later, File.Delete));
        string? best = Best;
        string[] old = [.. Paths.Skip(_keep).Where(path => path != best)];
        Guard(() =>
        {
            Array.ForEach(old, File.Delete);
            foreach (string path in Directory.GetFiles(Folder, Prefix + "*" + Suffix + ".*.tmp"))
            {
                File.Delete(path);
            }
        });
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GraphException($"Cannot use the checkpoint folder {Folder}: {e.Message}");
        }
    }
}
