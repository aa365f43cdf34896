using System.Text;
using Graph.Execution;
using Graph.Models;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>A model with the (averaged) weights of a checkpoint, and the puzzle vectors that belong to them.</summary>
internal sealed class LoadedModel : IDisposable
{
    private const string PuzzleTable = "inner.puzzle_emb.weights";
    private const string IdentifierNames = "puzzle_identifiers";

    private LoadedModel(RecursiveModel model, SparseTable? puzzles, IReadOnlyList<string> identifiers, Plan plan) =>
        (Model, Puzzles, Identifiers, Plan) = (model, puzzles, identifiers, plan);

    public RecursiveModel Model { get; }

    /// <summary>Null: the model has no puzzle vectors.</summary>
    public SparseTable? Puzzles { get; }

    /// <summary>Names of the table's rows; empty: the file does not say.</summary>
    public IReadOnlyList<string> Identifiers { get; }

    public Plan Plan { get; }

    /// <param name="path">A checkpoint of ours, or weights with PyTorch's names.</param>
    /// <param name="model">A name; null: as the file says.</param>
    /// <param name="size">A name; null: as the file says.</param>
    /// <param name="batch">Examples at once.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="threads">As the device was opened with.</param>
    /// <exception cref="GraphException">The file is damaged or of another model, or memory does not suffice.</exception>
    public static LoadedModel Open(string path, string? model, string? size, int batch, Device device, int threads)
    {
        string[] identifiers;
        int rows;
        using (var file = SafetensorsFile.Open(path))
        {
            var stated = ShippedModels.Find(file.Metadata.GetValueOrDefault("model", ""), file.Metadata.GetValueOrDefault("size", ""));
            model ??= stated?.Model;
            size ??= stated?.Size;
            if (model is null || size is null)
            {
                throw new GraphException($"{path} does not say its model and size; give --model and --size.");
            }

            identifiers = file.Tensors.ContainsKey(IdentifierNames) ? Encoding.UTF8.GetString(file.Bytes(IdentifierNames)).Split('\n') : [];
            rows = file.Tensors.TryGetValue(PuzzleTable, out var table) && table.Shape.Count == 2 ? (int)Math.Min(int.MaxValue, table.Shape[0]) : 1;
        }

        var plan = new Plan(model, size, batch, device);
        MemoryNeed.OfEvaluation(plan, threads, device, rows).Require(device.Id, batch);
        var created = ShippedModels.Create(model, size, batch, device: device);
        try
        {
            var puzzles = plan.PuzzleWidth == 0 ? null : new SparseTable(rows, plan.PuzzleWidth);
            Checkpoint.LoadWeights(created, puzzles, path);
            return new LoadedModel(created, puzzles, identifiers, plan);
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    /// <exception cref="GraphException">The table's rows are those of other puzzles: vectors are worth nothing then.</exception>
    public void RequireIdentifiers(string checkpoint, string dataFolder, IReadOnlyList<string> identifiers)
    {
        if (Puzzles is not null && (Puzzles.Count != identifiers.Count || (Identifiers.Count > 0 && !Identifiers.SequenceEqual(identifiers))))
        {
            throw new GraphException($"{checkpoint} was trained with other puzzle identifiers ({Puzzles.Count}) than those of {dataFolder} ({identifiers.Count}): its puzzle vectors would go to other puzzles.");
        }
    }

    public void Dispose() => Model.Dispose();
}
