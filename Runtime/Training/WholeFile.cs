namespace Graph.Training;

/// <summary>Writes files that appear under their name only when they are complete.</summary>
public static class WholeFile
{
    /// <summary>Writes a temporary neighbour, flushes it to disk and renames it, replacing a file of that name at the very end.</summary>
    /// <exception cref="GraphException">The file cannot be written; an existing file is then unchanged.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var file = new PendingFile(path);
        file.Guard(() => write(file.Stream));
        file.Commit();
    }
}
