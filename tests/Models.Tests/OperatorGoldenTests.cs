using Graph.Execution;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>Generated code of one operator at a time against libtorch: output and the gradient of the input and of every weight, on every lane.</summary>
public sealed class OperatorGoldenTests
{
    /// <summary>Issue 2, section 6: relative norm error of single operators in float32.</summary>
    private const double Tolerance = 2e-5;

    public static TheoryData<string, int> Cases =>
        [.. from file in (string[])["rms_norm", "swiglu", "mlp_t", "attention", "mamba2"] from lanes in (int[])[16, 8, 4, 1] select (file, lanes)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_autograd(string file, int lanes)
    {
        using var golden = SafetensorsFile.Open(Path.Combine(AppContext.BaseDirectory, "golden", $"op-{file}.safetensors"));
        using RecursiveModel model = file switch
        {
            "rms_norm" => RmsNormOnly.Golden.Create(2, 0, lanes),
            "swiglu" => SwiGluOnly.Golden.Create(2, 0, lanes),
            "mlp_t" => TokenSwiGluOnly.Golden.Create(2, 0, lanes),
            "attention" => AttentionOnly.Golden.Create(2, 0, lanes),
            _ => MambaOnly.Golden.Create(2, 0, lanes),
        };
        foreach (var parameter in model.Parameters)
        {
            golden.Read(parameter.Name, model.Weights.Slice((int)parameter.Offset, (int)parameter.Count));
        }

        model.WeightsChanged();
        golden.Read("in.x", model.Floats(model.Ports["x"]));
        golden.Read("grad.out", model.Floats(model.Ports["gradient"]));
        model.Step(gradient: true);

        var seen = new List<string>();
        var errors = new List<string>();
        Check("out", model.Floats(model.States.Count > 0 ? model.States[0].Port : model.Ports["y"]));
        Check("grad.in.x", model.GradientOf(model.Ports["x"]));
        foreach (var parameter in model.Parameters)
        {
            Check("grad." + parameter.Name, model.Gradients.Slice((int)parameter.Offset, (int)parameter.Count));
        }

        Assert.True(errors.Count == 0, string.Join("\n", errors));
        Assert.Equal(golden.Tensors.Keys.Where(n => n == "out" || (n.StartsWith("grad.", StringComparison.Ordinal) && n != "grad.out")).Order(), seen.Order());

        void Check(string name, ReadOnlySpan<float> actual)
        {
            seen.Add(name);
            var error = GoldenRun.RelativeError(actual, golden.Floats(name));
            if (!(error <= Tolerance))
            {
                errors.Add($"{name}: relative error {error:e2}");
            }
        }
    }
}
