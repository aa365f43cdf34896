using System.Text.Json;

namespace Graph.Samples.Sudoku;

/// <summary>What a checkpoint keeps of a run beside its training: where the stream of samples is, and what the report goes on from.</summary>
/// <param name="Draws">Steps that samples were drawn for; sample number step · batch + slot is a function of the seed alone.</param>
/// <param name="TrainLoss">Smoothed loss.</param>
/// <param name="Seconds">Time spent.</param>
internal sealed record Progress(long Draws, double TrainLoss, double Seconds)
{
    public string ToJson() => JsonSerializer.Serialize(this, SummaryJson.Line.Progress);

    /// <exception cref="GraphException">The text is not what <see cref="ToJson"/> writes.</exception>
    public static Progress FromJson(string file, string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, SummaryJson.Line.Progress) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new GraphException($"{file} was not written by this program: its metadata field 'sampler' is '{text}', expected an object with draws, train_loss and seconds.");
        }
    }
}
