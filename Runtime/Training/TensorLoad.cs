namespace Graph.Training;

/// <summary>
/// Reads a set of tensors all or nothing: first every name and shape is compared with the file, then data is copied. All
/// differences are reported in one sentence list, because a wrong model size shows in every tensor.
/// </summary>
internal sealed class TensorLoad
{
    private const int Listed = 12;
    private const string LossHead = "model.";

    private readonly SafetensorsFile _file;
    private readonly Dictionary<string, string> _stored = new(StringComparer.Ordinal);
    private readonly HashSet<string> _expected = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private readonly List<Action> _checks = [];
    private readonly List<Action> _copies = [];

    public TensorLoad(SafetensorsFile file)
    {
        _file = file;
        foreach (string name in file.Tensors.Keys)
        {
            if (!_stored.TryAdd(Plain(name), name))
            {
                _problems.Add($"'{name}' and '{_stored[Plain(name)]}' are the same tensor");
            }
        }
    }

    public delegate void Reader(string storedName);

    public bool Has(string name) => _stored.ContainsKey(name);

    /// <summary>Dims of a tensor; null: the file has none of that name.</summary>
    public long[]? ShapeOf(string name) => _stored.TryGetValue(name, out string? stored) ? [.. _file.Tensors[stored].Shape] : null;

    /// <summary>Expects a tensor; <paramref name="read"/> runs after everything was checked.</summary>
    public void Expect(string name, ReadOnlySpan<long> shape, bool integer, Reader read)
    {
        _expected.Add(name);
        if (!_stored.TryGetValue(name, out string? stored))
        {
            _problems.Add($"'{name}' is missing");
            return;
        }

        TensorEntry entry = _file.Tensors[stored];
        bool floats = entry.Type is TensorType.F32 or TensorType.F64 or TensorType.BF16;
        if (!shape.SequenceEqual(entry.Shape.ToArray()))
        {
            _problems.Add($"'{name}' has shape {entry.ShapeText}, expected [{string.Join(", ", shape.ToArray())}]");
        }
        else if (floats == integer)
        {
            _problems.Add($"'{name}' is {TensorTypes.Name(entry.Type)}, expected {(integer ? "integers" : "floats")}");
        }
        else
        {
            _copies.Add(() => read(stored));
        }
    }

    /// <summary>Checks the values of a tensor before anything is copied.</summary>
    public void Verify(string name, Reader check) => _checks.Add(() => check(_stored[name]));

    /// <summary>Accepts tensors whose name starts so without reading them.</summary>
    public void Ignore(params ReadOnlySpan<string> prefixes)
    {
        foreach (string prefix in prefixes)
        {
            _expected.UnionWith(_stored.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));
        }
    }

    /// <exception cref="GraphException">A tensor is missing, unknown or misshaped; nothing was copied.</exception>
    public void Run()
    {
        _problems.AddRange(_stored.Keys.Where(name => !_expected.Contains(name)).Order(StringComparer.Ordinal).Select(name => $"'{name}' is unknown to the model"));
        if (_problems.Count > 0)
        {
            string more = _problems.Count > Listed ? $"; and {_problems.Count - Listed} more" : "";
            throw new GraphException($"{_file.Path} does not fit the model: {string.Join("; ", _problems.Take(Listed))}{more}.");
        }

        foreach (Action action in _checks.Concat(_copies))
        {
            action();
        }
    }

    /// <summary>
    /// Removes what torch.compile and DataParallel put before names, here or after one of our own prefixes, and the name under which the
    /// reference's loss head holds the model.
    /// </summary>
    private static string Plain(string name)
    {
        string plain = name.Replace("_orig_mod.", "", StringComparison.Ordinal).Replace("module.", "", StringComparison.Ordinal);
        return plain.StartsWith(LossHead, StringComparison.Ordinal) ? plain[LossHead.Length..] : plain;
    }
}
